"""The demo: a fictitious city, its people, a year of made-up tickets, the sample calls. All of it is fiction."""

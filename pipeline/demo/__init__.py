"""The demo: a fictitious city, its people, a year of made-up tickets and the sample calls. Everybody in it is fiction."""

"""What a city knows before the phone rings: its pack read, proved whole, and made quick to ask."""

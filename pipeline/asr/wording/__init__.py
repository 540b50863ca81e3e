"""The ear's words: what the model heard, put into the words of the language and of the city."""

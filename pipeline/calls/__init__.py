"""Calls that nobody made: talks in the tone of the hotline with the fields that a listener would write down."""

"""The ordered, durable streams between the parts of a call, behind one port."""

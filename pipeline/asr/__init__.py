"""The ear: from frames of telephone sound to utterances and partial text."""

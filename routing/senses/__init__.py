"""Words as vectors, so that a model knows that 自来水 and 水龙头 are near though they share hardly a character."""

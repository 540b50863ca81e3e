"""The ear beside a rival: seconds of audio per second, and live streams at bounded lag, same weights, same run."""

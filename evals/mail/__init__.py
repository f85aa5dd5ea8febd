"""Quality of mail reading, on authored threads and on the fixtures of quote strippers."""

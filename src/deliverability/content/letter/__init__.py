"""What the words of a mail say: amounts, dates, numbers, accounts, who signs, what is attached."""

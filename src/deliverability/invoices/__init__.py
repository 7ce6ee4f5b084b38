"""What an invoice mail has to say: number, date, amount, due date, method of payment, identity."""

"""What the relations team does with creditors: complaints of harsh collection, and what follows from them."""

"""How long data of people are kept, how they ask for them, how they let them rest, and the keys that close them."""

"""How soon the board follows a slider."""

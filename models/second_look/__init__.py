"""The second look: how its table and weights are made from open lists and own templates."""

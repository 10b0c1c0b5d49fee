"""The law as data with validity dates, and pure rules over it. No rule knows a clock: each is given its Almaty day."""

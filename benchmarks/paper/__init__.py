"""``obclip bench paper``: quality in the form of the paper's tables 2, 3 and 6, and what the hand-over is made of.

Every member of every set is a prompt of its own: the pictures are what each person of the set would get.
"""

"""``obclip bench all``: every result file that the documents quote, from its command, and the report of them.

``catalogue`` lists the files, ``needs`` says what a machine lacks, ``runs`` runs the commands one after another,
``quick`` runs
reduced forms and compares their keys, ``commands`` is the command.
"""

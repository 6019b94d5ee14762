"""What a command found out or did: frozen values that a renderer shows, and how the program ends after each.

One file = what one family of commands reports.

It is imported family by family: a dry run pays for the reports of no other command.
"""

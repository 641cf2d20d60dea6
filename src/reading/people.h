/* people.h - names in a text, for the files that read people: sender.c, professional.c, behalf.c,
 * participants.c. */
#pragma once
#include "reading/internal.h"

/* One of the words (ended by NULL) at a token. */
bool people_is_word(const Text *text, guint index, const char *const *words);
/* "vostro", "ufficio", "istruttore": the office's own, nobody who writes to it. */
bool people_is_office(const Text *text, guint index);
/* Past "sig.ra", "geom.", "l'" before a name. */
guint people_skip_titles(const Text *text, guint index);
/* Tokens of a person's name, 0 when there is none. */
guint people_name_at(const Text *text, guint index);
/* Tokens of whoever is meant: a person, two, a firm, a house. 0 when nobody is named. */
guint people_party_at(const Text *text, guint index);
/* Does `name` (NULL: none) have each word of the name at [from, until)? */
bool people_is_named(const Text *text, guint from, guint until, const char *name);
/* The first mail address in [from, until), NULL when there is none (participants.c). */
char *people_email_within(const Reading *reading, const Text *text, guint from, guint until);
/* Is the address in the domain of the office's own mailbox? (sender.c) */
bool sender_is_colleague(const ReadingOffice *office, const char *email);

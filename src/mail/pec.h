/* pec.h - what each kind of certified mail means to whoever sent a letter.
 *
 * The kinds are one table in pec.c: for PEC the technical rules of DM 2 November 2005, for REM (its
 * European successor) what ETSI EN 319 532 names.
 */
#pragma once

typedef enum {
    PEC_SAYS_NOTHING,   /* no receipt, or one of an unknown type */
    PEC_SAYS_ACCEPTED,  /* the sender's provider took the letter */
    PEC_SAYS_TAKEN,     /* so did the recipient's; told between providers */
    PEC_SAYS_DELIVERED, /* it lies in the recipient's mailbox */
    PEC_SAYS_LATE,      /* nobody confirmed it yet, it may still arrive */
    PEC_SAYS_FAILED,    /* it will not arrive */
} PecSays;
/* `type` as in MailPec; NULL says nothing. */
PecSays pec_says(const char *type);

/* letter_sender.h - the address that a letter's bounces come back to. Pure.
 */
#pragma once
#include "base/config.h"
#include "store/letter.h"

/* The envelope sender (RFC 5321, 4.4): `way`'s own address, else the office's (letter->sender).
 * With `subaddress`, mail that is not PEC gets "+b-TOKEN" before the @, where TOKEN is what stands
 * in the Message-ID between "s." and the @: a bounce without a word of its letter still finds it.
 * No tag where it would make the local part longer than 64 bytes or there is one already. Owned by
 * the caller; NULL: there is no address at all. */
char *letter_envelope_sender(const Letter *letter, const ConfigSmtp *way, bool subaddress);

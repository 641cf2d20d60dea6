/* deliver_internal.h - what the two ends of the deliver socket share (deliver.c, deliver_socket.c).
 */
#pragma once
#include "mail/deliver.h"

#define DELIVER_SLUG_MOST 100
#define DELIVER_SAYS_OK "ok\n"
#define DELIVER_SAYS_NO_OFFICE "no-office\n"
#define DELIVER_SAYS_LATER "later\n"

/* DELIVER_DONE, DELIVER_NO_OFFICE or DELIVER_LATER. */
int deliver_find_office(Store *store, const char *slug, gint64 *office_id);

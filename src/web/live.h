/* live.h - what the desks are told while they are open:
 * {"event":"request","code":"EDI-…","state":"…"} on the topic desk/{office}. The page then fetches
 * itself anew; nothing personal is sent. */
#pragma once
#include "room/hub.h"

/* event: request, thread, other, decision, letter, room. code and state may be NULL. Any thread. */
void live_desk(Hub *hub, gint64 office_id, const char *event, const char *code, const char *state);

/* values.h - rows of the store as members of a page: one shape for HTML, JSON and letters.
 *
 * Texts are copied into the page's arena, so that the rows may be freed.
 */
#pragma once
#include "store/appointment.h"
#include "store/office.h"
#include "store/request.h"
#include "web/page.h"

/* {slug, name, phone, phone_shown, phone_link, address, purpose, organisation} */
Value *values_office(Value *parent, const char *key, const Office *office);
/* {name, email, title, phone, phone_shown, phone_link} */
Value *values_person(Value *parent, const char *key, const char *name, const char *email,
                     const char *title, const char *phone, const char *phone_e164);
/* {when, until, duration_min, state, is_<state>, sequence, can_change, call_min} */
Value *values_appointment(Page *page, Value *parent, const char *key,
                          const Appointment *appointment);
/* {code, state, is_<state>, subject, practice, summary, source, received, is_to_read, version,
 * answered_how} */
void values_request(Page *page, Value *object, const Request *request);
/* {code, state, is_<state>, subject, practice, received}: what the citizen may see, no note of the
 * office's */
void values_request_public(Page *page, Value *object, const Request *request);
/* What a tel: link may hold: digits and a leading plus. Goes with the arena. */
const char *values_phone_link(Arena *arena, const char *phone);

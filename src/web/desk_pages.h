/* desk_pages.h - what the officers' pages share: the office at hand, rows of requests, what follows
 * a change. */
#pragma once
#include "store/office.h"
#include "store/officer.h"
#include "store/request.h"
#include "web/desk_times.h"
#include "web/page.h"

/* The office of ?ufficio=SLUG (or of the form's field), else the officer's first; also sets
 * value.office and value.offices (for choosing, when there are several). NULL: answered with 404,
 * or the page that says that the officer belongs to no office. */
Office *desk_office(Page *page);
/* Who acts: the officer logged in, now. `detail` without personal data, may be NULL. */
Actor desk_actor(const Page *page, const char *detail);

/* The reading kept with a request; NULL when there is none. Goes with the page. */
const Value *desk_reading(Page *page, const Request *request);
/* A colleague passed the message on: the phone and the title in it are not the sender's. */
bool desk_is_passed_on(const Value *reading);
/* {code, url, state..., person, practice, summary, age, wish, hint} of one request. `times` and
 * `open` may be NULL: no wish. */
void desk_row(Page *page, Value *row, const Request *request, const DeskTimes *times,
              const GArray *open);
/* parent.person, see values_person. */
Value *desk_person(Value *parent, const char *name, const char *email, const char *title,
                   const char *phone, const char *phone_e164);
/* Sets parent.<key> = {is_today, is_yesterday, is_tomorrow, is_past, is_week, weekday..., short}.
 */
void desk_set_age(Page *page, Value *parent, const char *key, gint64 at, const Zone *zone);
/* Sets parent.wishes = [{raw, when, fits, reason}], those of the reading, at most `most`. */
void desk_set_wishes(Page *page, Value *parent, const Value *preferences, const DeskTimes *times,
                     const GArray *open, guint most);

/* desk_certified.c: element.pec = {TYPE: true}, element.signature = {is_verified, signer, why{…}}.
 */
void desk_set_certified(Page *page, Value *element, const Message *message);
/* element.receipts = [{said{…}, because{…}, recipient, detail, when, url}]: those of `receipts`
 * (LetterReceipt *) that are about the letter. */
void desk_set_receipts(Page *page, Value *element, const GPtrArray *receipts, gint64 letter_id,
                       const Office *office);
/* A receipt that none of these comes from or is repeated by: nobody believed it. */
bool desk_is_doubted(const GPtrArray *receipts, const Message *message);

/* After a committed change: the outbox is woken and the desks are told. */
void desk_changed(Page *page, const Request *request, const char *event);

/* Handlers of desk_notices.c, desk_other.c and desk_phone.c, listed in desk.c. */
void desk_notices_show(Page *page);
void desk_notices_set(Page *page);
void desk_other_show(Page *page);
void desk_other_make(Page *page);
void desk_other_raw(Page *page);
void desk_phone_show(Page *page);
void desk_phone_make(Page *page);

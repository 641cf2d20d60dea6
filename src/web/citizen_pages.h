/* citizen_pages.h - what the citizen's pages share: the request behind a link, with its office and
 * appointment. */
#pragma once
#include "desk/decision.h"
#include "mail/correspondence.h"
#include "store/office.h"
#include "web/page.h"

typedef struct {
    const char *token; /* of the link */
    Request *request;
    Office *office;
    Appointment *appointment; /* the latest; NULL when it never had one */
    Participant *seat;        /* the citizen's in it; NULL when there is none */
    gint64 person_id;
} CitizenCase;

void citizen_case_clear(CitizenCase *at);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CitizenCase, citizen_case_clear)

/* The case of the link in the path. False: the page has been answered (a stale link, a failure). */
bool citizen_open(Page *page, CitizenCase *at);

/* What the link still allows. */
typedef struct {
    bool change;   /* move or cancel: booked, and not too late */
    bool too_late; /* booked, but nearer than the office's limit */
    bool restore;  /* cancelled by the link less than 30 minutes ago, and still to come */
    bool lobby;    /* the lobby is open, or the call goes on */
} CitizenMay;
CitizenMay citizen_may(const Page *page, const CitizenCase *at);

/* Is there something for a calendar? An invitation names the invited by their e-mail. */
bool citizen_has_calendar(const CitizenCase *at);

/* Members of every page of a case: code, state…, office, appointment, may{…}, url, room. */
void citizen_show(Page *page, const CitizenCase *at);

/* The whole page with its messages; 422 when there are errors. */
void citizen_show_page(Page *page, const CitizenCase *at);
/* May words and documents be added from the page? They come in the name of the person's e-mail. */
bool citizen_may_add(const CitizenCase *at);

/* Is this one of the reasons that the page for cancelling offers, and not words of their own? */
bool citizen_offers_reason(const char *reason);

/* Handlers of citizen_change.c, citizen_add.c, citizen_extras.c and citizen_code.c, listed in
 * citizen.c. */
void citizen_cancel_show(Page *page);
void citizen_cancel(Page *page);
void citizen_move_show(Page *page);
void citizen_move(Page *page);
void citizen_restore(Page *page);
void citizen_add(Page *page);
void citizen_calendar(Page *page);
void citizen_qr(Page *page);
void citizen_code_show(Page *page);
void citizen_code_ask(Page *page);

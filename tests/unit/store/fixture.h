/* fixture.h - an organisation with one office, made new for each test in a folder of its own. */
#pragma once
#include "store/appointment.h"
#include "store/db.h"
#include "store/letter.h"
#include "store/office.h"
#include "store/officer.h"
#include "store/person.h"
#include "store/request.h"
#include <string.h>

#define MONDAY 1606089600 /* 2020-11-23 00:00 UTC */
#define TEN (MONDAY + 86400 + 9 * 3600)
#define ORGANISATION_ID fixture->organisation.id
#define OFFICE_ID fixture->office.id

typedef struct {
    char *folder, *file;
    Db *db; /* a connection that writes, each statement by itself */
    Organisation organisation;
    Office office; /* one counter */
    gint64 officer_id, other_officer_id;
    gint64 person_id;
    gint64 next_id;
    Actor officer, citizen; /* at MONDAY */
} Fixture;

void fixture_open(Fixture *fixture, gconstpointer unused);
void fixture_close(Fixture *fixture, gconstpointer unused);

gint64 fixture_id(Fixture *fixture);      /* a new identifier */
gint64 fixture_request(Fixture *fixture); /* a new request of the person */
AppointmentTime fixture_time(gint64 starts_at, gint minutes, gint buffer_min);
/* Books for a new request, by nobody in particular when officer_id is 0; the appointment's id, or 0
 * with the error. */
gint64 fixture_book(Fixture *fixture, const AppointmentTime *time, gint64 officer_id,
                    GError **error);
gint64 fixture_letter(Fixture *fixture, gint64 request_id, gint64 sendable_at);
void fixture_assert_bytes(GBytes *bytes, const void *expected, gsize length);
gint64 fixture_number(Fixture *fixture, const char *sql); /* of the first column */

/* A store of its own on the same file. */
Store *fixture_store(Fixture *fixture);
gint64 fixture_read(Store *store, const char *sql); /* of the first column, by a reader */

#define fixture_add(path, test) g_test_add(path, Fixture, NULL, fixture_open, test, fixture_close)

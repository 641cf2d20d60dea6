/* demo_office.h - the demo's comune as plain values: what `sportello demo` writes into the store,
 * and what `sportello read` reads for when no office is named.
 *
 * Texts are static: never free what these structs hold.
 */
#pragma once
#include "store/office.h"

#define DEMO_OFFICER "operatore@comune.esempio.example"
#define DEMO_OFFICER_NAME "Giulia Verdi"
#define DEMO_OFFICE "edilizia"

void demo_organisation_fill(Organisation *organisation);
/* With what the office takes from its organisation (zone, name, language), but no identifiers. */
void demo_office_fill(Office *office);
void demo_service_fill(OfficeService *service);
/* OfficeOpening without limits of validity: Tuesday and Thursday. Owned by the caller. */
GArray *demo_openings(void);

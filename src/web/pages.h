/* pages.h - the tables of routes, one per group of pages; each ends with an empty row. */
#pragma once
#include "web/page.h"

extern const Route login_routes[];   /* login.c: /accedi, /esci, /password */
extern const Route public_routes[];  /* public.c: /, /ufficio/…, /prenota, /privacy, … */
extern const Route desk_routes[];    /* desk.c: /scrivania and its lists */
extern const Route request_routes[]; /* request.c: /scrivania/r/{code} and its decisions */
extern const Route citizen_routes[]; /* citizen.c: /p and /p/{token} */
extern const Route room_routes[];    /* room.c: /sala/{token} and the officer's room */
extern const Route results_routes[]; /* results.c: /risultati */
extern const Route demo_routes[];    /* demo/demo_pages.c: /posta-di-prova, /orologio */

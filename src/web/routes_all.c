/* routes_all.c - the tables of all pages. Apart from routes.c, so that a test can join the pages it
 * wants. */
#include "web/pages.h"
#include "web/routes.h"

const Route *const *routes_all(void)
{
    static const Route *const tables[] = {
        login_routes, public_routes, desk_routes,    request_routes, citizen_routes,
        room_routes,  demo_routes,   results_routes, NULL,
    };
    return tables;
}

/* print-routes.c - the program's own list of routes, one a line: method, pattern, and the flags
 * that an API's description has to tell. For openapi.test.mjs.
 */
#include "web/pages.h"
#include "web/routes.h"

int main(void)
{
    for (const Route *const *table = routes_all(); *table; table++)
        for (const Route *route = *table; route->method; route++)
            g_print("%s %s%s%s%s%s\n", route->method, route->pattern,
                    route->flags & ROUTE_OFFICER ? " officer" : "",
                    route->flags & ROUTE_DEMO ? " demo" : "",
                    route->flags & ROUTE_UPLOAD ? " upload" : "",
                    route->flags & ROUTE_LIVE ? " live" : "");
    return 0;
}

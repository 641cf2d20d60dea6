/* routes.h - from a request to the handler of its page: the two functions the HTTP server is given.
 */
#pragma once
#include "web/page.h"

/* Patterns are checked once: a duplicate or malformed one is a bug and asserts. NULL-ended list of
 * tables. */
typedef struct Routes Routes;
Routes *routes_new(App *app, const Route *const *tables);
void routes_free(Routes *routes);
const Route *const *routes_all(void); /* the tables of pages.h */

/* HttpQuickHandler and HttpHandler, context: Routes. */
gboolean routes_answer_quickly(const HttpRequest *request, HttpReply *reply,
                               gpointer routes); /* assets, /healthz */
/* HttpSettings.refused: what the server itself refuses (400, 413, 431, 503), in words. Loop thread.
 */
void routes_refuse(const HttpRequest *request, HttpReply *reply, guint status, gpointer routes);
void routes_answer(const HttpRequest *request, HttpReply *reply, gpointer routes);
/* HttpSettings.refused, context: Routes: what the server refuses by itself, as a page. Runs in the
 * loop. */
void routes_refuse(const HttpRequest *request, HttpReply *reply, guint status, gpointer routes);

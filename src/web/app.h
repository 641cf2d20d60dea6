/* app.h - the parts of a running server, as the pages see them. Made in src/serve.c, in this order.
 */
#pragma once
#include "base/clock.h"
#include "base/config.h"
#include "base/token.h"
#include "store/store.h"

struct Hub;
struct Sandbox;
struct Intake;
struct Outbox;
struct Templates;
struct Sessions;
struct Limits;
struct HttpServer;

typedef struct {
    const Config *config;
    Clock *clock;
    InstallationKey key;
    Store *store;
    struct Sandbox *sandbox; /* sandbox/sandbox.h: the zygote */
    struct Intake *intake;   /* mail/intake.h: thread that turns stored messages into requests */
    struct Outbox *outbox; /* mail/outbox.h: thread that sends letters; outbox_wake after a write */
    struct Templates *templates; /* mustache/templates.h: all pages and letters, per language */
    struct LetterBox *letters;   /* mail/correspondence.h */
    struct Sessions *sessions;   /* web/sessions.h */
    struct Limits *limits;       /* web/limits.h */
    struct HttpServer *server;
    struct Hub *hub;
    struct Rooms *rooms; /* room/room.h */
} App;

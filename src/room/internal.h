/* internal.h - what room.c (who is where) and room_say.c (what is told) share. Loop thread only. */
#pragma once
#include "base/value.h"
#include "room/room.h"

#define ROOM_AWAY_MS 60000

struct RoomSeat {
    gint64 appointment, office, starts_at, ends_at;
    AppointmentState state; /* when the page was made */
    char *code;
    gint64 participant;
    ParticipantRole role;
    char *name;
    guint lobby_min, max_people;
    bool entered, camera, microphone;
    gint64 spoken_until_ms; /* monotonic; what it said so far fills the time until then */
};

typedef struct {
    gint64 appointment, office, starts_at, ends_at;
    char *code, *topic;
    GHashTable *admitted; /* gint64 participants that may be inside */
    AppointmentState state;
    gint64 empty_since_ms; /* monotonic; 0: somebody is there */
} Room;

struct Rooms {
    Store *store;
    Clock *clock;
    Hub *hub;
    GStrv stun_urls, turn_urls;
    char *turn_secret;
    RoomChanged *changed;
    gpointer context;
    GHashTable *rooms;    /* gint64 appointment -> Room */
    GThreadPool *writing; /* one thread: changes of state in order */
};

bool room_seat_is_inside(const Room *room, const RoomSeat *seat);
bool room_seat_is_waiting(const Room *room, const RoomSeat *seat);
bool room_seat_is_early(const Rooms *rooms, const RoomSeat *seat); /* the lobby is not open yet */
GPtrArray *room_people(Rooms *rooms, const Room *room);            /* HubPeer, container owned */

void room_say_welcome(Rooms *rooms, const Room *room, HubPeer *peer);
void room_say_lobby(Rooms *rooms, const Room *room); /* to officers inside and to each who waits */
void room_say_peers(Rooms *rooms, const Room *room); /* who is inside, to all inside */
void room_say_signal(HubPeer *from, HubPeer *to, Arena *arena, const Value *data);
void room_say_end(HubPeer *peer, const char *type, const char *reason); /* and closes it */
void room_say_admitted(HubPeer *peer);

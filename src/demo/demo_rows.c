/* demo_rows.c - the rows of one simulated agent, and the ids and tables they are made with. */
#include "base/clock.h"
#include "base/mem.h"
#include "demo/demo_model.h"

const DemoTopic DEMO_TOPIC_LIST[] = {
#define X(key_, habit_, shift_, unit_, minutes_) {#key_, habit_, shift_, unit_, minutes_},
    DEMO_TOPICS(X)
#undef X
};
const int DEMO_N_TOPICS = (int)ARRAY_LEN(DEMO_TOPIC_LIST);

const DemoModule DEMO_MODULES[] = {
    {"lead_response_basics", "Answering a new lead in five minutes", 20, "speed_to_lead"},
    {"prospecting_scripts", "Prospecting: openers, questions, next step", 45, "prospecting_block"},
    {"followup_system", "A follow-up calendar that survives a busy week", 30, "followup_cadence"},
    {"appointment_setting", "From conversation to appointment", 40, "appointment_script"},
    {"buyer_consultation", "The buyer consultation and the agreement", 60, "buyer_consultation"},
    {"listing_presentation", "The listing presentation and pricing with comparables", 60,
     "listing_presentation"},
    {"offer_writing", "Writing and negotiating offers", 45, "offer_strategy"},
    {"fair_housing", "Fair Housing: describe the property, never the people", 60, "compliance"},
    {"tcpa_consent", "Calls and texts: consent, quiet hours, do-not-contact", 30, "compliance"},
};
const int DEMO_N_MODULES = (int)ARRAY_LEN(DEMO_MODULES);

Uuid demo_uuid(StatsRng *rng, int64_t at_us, uint8_t slot)
{
    Uuid id;
    uint64_t ms = (uint64_t)(at_us / 1000);
    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)(ms >> (40 - 8 * i));
    uint64_t a = stats_u64(rng), b = stats_u64(rng);
    id.b[6] = (uint8_t)(0x70 | (a & 0x0f));
    id.b[7] = (uint8_t)(a >> 8);
    id.b[8] = (uint8_t)(0x80 | ((a >> 16) & 0x3f));
    for (int i = 9; i < 15; i++)
        id.b[i] = (uint8_t)(b >> (8 * (i - 9)));
    id.b[15] = slot;
    return id;
}

void demo_rows_clear(DemoRows *r)
{
    r->n_leads = r->n_activities = r->n_opportunities = r->n_sessions = 0;
}

void demo_rows_done(DemoRows *r)
{
    mem_free(r->leads);
    mem_free(r->activities);
    mem_free(r->opportunities);
    mem_free(r->sessions);
    *r = (DemoRows){0};
}

int demo_rows_won(const DemoRows *r, int64_t from_us, int64_t to_us)
{
    int won = 0;
    for (int i = 0; i < r->n_opportunities; i++) {
        const DemoOpportunity *o = &r->opportunities[i];
        won += o->status[0] == 'w' && o->closed_at >= from_us && o->closed_at < to_us;
    }
    return won;
}

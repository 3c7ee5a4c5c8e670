/* insight_given.h - what counts as coaching that was delivered, as SQL: one fact for effects and for returns.
 *
 *     coaching_session: every one that was noted
 *     intervention:     what was sent and not reported as not done; the key is the one that was sent
 *     '--> (location_id, agent_id, key, coach, day)   coach: id of the user, else the coach's name in the CRM
 *
 * A subquery over one shard for the tenant $1; day is that of UTC. Several on one day to one agent are rows of their own. */
#ifndef EHUB_INSIGHT_INSIGHT_GIVEN_H
#define EHUB_INSIGHT_INSIGHT_GIVEN_H

#define INSIGHT_COACH_OF_CRM "nullif(left(a.coach_name, 200), '')"

#define INSIGHT_GIVEN                                                                              \
    "(select a.location_id, s.agent_id, s.playbook_key as key,"                                    \
    " coalesce(s.coach_id::text, " INSIGHT_COACH_OF_CRM ") as coach,"                              \
    " (s.at at time zone 'UTC')::date as day"                                                      \
    " from coaching_session s join agent a on a.location_id = s.location_id and a.id = s.agent_id" \
    " where s.tenant_id = $1::uuid"                                                                \
    " union all"                                                                                   \
    " select a.location_id, i.agent_id, coalesce(i.replaced_key, i.playbook_key),"                 \
    " coalesce(i.decided_by::text, " INSIGHT_COACH_OF_CRM "),"                                     \
    " (i.sent_at at time zone 'UTC')::date"                                                        \
    " from intervention i join agent a on a.location_id = i.location_id and a.id = i.agent_id"     \
    " where i.tenant_id = $1::uuid and i.sent_at is not null and i.outcome is distinct from 'not_done')"

#endif

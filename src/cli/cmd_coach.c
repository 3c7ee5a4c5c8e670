/* cmd_coach.c - ehub coach ...: from features to the coaching of the day. */
#include "cli/cmd_coach_common.h"

const CliCmd CMD_COACH = {
    .name = "coach",
    .help = "Compute features, train, predict and choose the coaching",
    .subs =
        (const CliCmd *const[]){
            &CMD_COACH_FEATURES,
            &CMD_COACH_TRAIN,
            &CMD_COACH_MODELS,
            &CMD_COACH_PREDICT,
            &CMD_COACH_CHOOSE,
            &CMD_COACH_LEARN,
            &CMD_COACH_EVALUATE_CHOICE,
            &CMD_COACH_PLAYBOOK,
            &CMD_COACH_SIMULATE_CHOICE,
            NULL,
        },
};

/* api_money.h - settings of the brokerage's money: GET and PUT /v1/insight/money.
 *
 * They hold for every office: only who may see all of them may change them. A change is one transaction with its audit row.
 * Threads:  the api pool; blocks on the database until the request's deadline. See also: insight/insight_money.h. */
#ifndef EHUB_API_API_MONEY_H
#define EHUB_API_API_MONEY_H

#include "api/api.h"

ApiHandler api_money_get, api_money_put;

#endif

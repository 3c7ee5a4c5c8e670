/* gbt_shap.c - exact path-dependent SHAP by quadrature.
 *
 * The game (Lundberg, Erion, Lee 2018, "Consistent individualized feature attribution for tree ensembles"): a leaf with
 * value v is worth  v * prod over the features j of its path of (j known ? o_j : z_j), where o_j is 1 when the row passes
 * every split on j and 0 otherwise, and z_j is the share of the training weight that passes them. Shapley's value is the
 * marginal contribution when every other player is present with probability t, integrated over t (Owen 1972,
 * "Multilinear extensions of games"):
 *
 *     phi_i = v (o_i - z_i)  Integral_0^1  prod_{j != i} f_j(t) dt,      f_j(t) = z_j + (o_j - z_j) t
 *
 * With d features on the path the integrand is a polynomial of degree d - 1, which Gauss-Legendre quadrature with
 * ceil(d / 2) points integrates exactly.
 *
 * At a split on j, at a point t: let f = z + (1 - z) t be the factor of j so far (1 when j was not split on above), L and R
 * what the leaves below left and right are worth relative to it, z_l and z_r the shares of j's weight that pass (their sum
 * is z). The two children's factors over f are a and 1 - a, whatever way the row goes, with
 *
 *     a = (z_l (1 - t) + [the row goes left] t) / f
 *
 * so what is below the split is worth R + a (L - R). On the way down the weight P that arrives (the quadrature's at the
 * root) divides into P a and P (1 - a), and the split adds to phi_j
 *
 *     c * sum over the points of P (L - R) / f^2,       c = z_r when the row goes left, -z_l when right
 *
 * which for a feature split on once is the formula above; for one split on again it is the difference between the new
 * (o - z) / f and the old, so that the sum along a path telescopes to the deepest (Yu et al. 2022, "Linear TreeShap", do so
 * with edges). Where the row failed an earlier split on j, j's factor stays z (1 - t): the shares divide, and nothing is
 * added. No division is left for the row: 1 / f is a constant of the split.
 *
 * Cost: points * (a dozen operations) for each split of every tree, eight trees in the lanes of a vector. */
#include "gbt/gbt_kernel.h"
#include "gbt/gbt_scratch.h"

#include <string.h>

/* out and cross begin as zeros; the bias is not added. */
static void explain(const GbtModel *m, const float *row, double *out, double *cross, GbtScratch *s)
{
    size_t width = (size_t)m->n_features + 1;
    memset(out, 0, (size_t)m->n_groups * width * sizeof *out);
    if (cross)
        memset(cross, 0, (size_t)m->n_groups * width * width * sizeof *cross);
    if (m->paths) {
        GbtExplain x = {.trail = s->trail, .room = s->room, .out = out, .cross = cross, .width = width};
        gbt_kernel_now()->explain(m, row, s->ranks, s->trail, &x);
        return;
    }
    for (int i = 0; i < m->n_trees; i++) {
        size_t group = (size_t)m->trees[i].group;
        gbt_deep_tree(m, i, row, out + group * width, cross ? cross + group * width * width : NULL, s->deep);
    }
}

void gbt_shap(const GbtModel *m, const float *row, double *out, GbtScratch *s)
{
    explain(m, row, out, NULL, s);
    for (int g = 0; g < m->n_groups; g++)
        out[(size_t)(g + 1) * (size_t)(m->n_features + 1) - 1] = m->bias[g];
}

/* Of pairs the algorithm gives half the interaction index, once for the split above and the one below: added to both
 * places. What is left of a feature's own value stands on the diagonal. */
static void complete(double *matrix, const double *shap, double bias, size_t n)
{
    size_t width = n + 1;
    for (size_t i = 0; i < n; i++) {
        double rest = shap[i];
        for (size_t k = 0; k < n; k++) {
            if (k > i)
                matrix[i * width + k] = matrix[k * width + i] = matrix[i * width + k] + matrix[k * width + i];
            rest -= k == i ? 0 : matrix[i * width + k];
        }
        matrix[i * width + i] = rest;
    }
    matrix[n * width + n] = bias;
}

/* The interaction index of features i and j is the same integral with two marginal contributions (Fujimoto, Kojadinovic,
 * Marichal 2006): for each split the change at the splits above, over their factors, is carried down and multiplied with
 * its own. Two splits on the same feature are no pair: what they give falls on the diagonal, which is written last. */
void gbt_interactions(const GbtModel *m, const float *row, double *out, GbtScratch *s)
{
    size_t width = (size_t)m->n_features + 1;
    explain(m, row, s->shap, out, s);
    for (int g = 0; g < m->n_groups; g++)
        complete(out + (size_t)g * width * width, s->shap + (size_t)g * width, m->bias[g], width - 1);
}

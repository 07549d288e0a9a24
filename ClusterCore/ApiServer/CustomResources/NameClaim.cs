using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>Which of the names that a definition asks for it gets: who came first in the group keeps them.</summary>
/// <param name="Accepted">What it has from now on; of a name that is taken, the one it had.</param>
/// <param name="Conflict">Of several the last; null when it has all it asked for.</param>
internal sealed record NameClaim(JsonObject Accepted, NameClaim.Taken? Conflict)
{
    internal sealed record Taken(string Reason, string Message);

    /// <param name="group">The names that the definitions of the group have, its own among them.</param>
    public static NameClaim Compute(JsonObject wanted, JsonObject accepted, IEnumerable<JsonObject> group)
    {
        var (resources, kinds) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var names in group)
        {
            resources.UnionWith([names.Text("plural") ?? "", names.Text("singular") ?? "", .. names.Texts("shortNames")]);
            kinds.UnionWith([names.Text("kind") ?? "", names.Text("listKind") ?? ""]);
        }

        var result = accepted.DeepClone().AsObject();
        Taken? conflict = null;
        Claim("plural", resources, "PluralConflict");
        Claim("singular", resources, "SingularConflict");
        ClaimShortNames();
        Claim("kind", kinds, "KindConflict");
        Claim("listKind", kinds, "ListKindConflict");
        Take("categories");
        return new(result, conflict);

        void Claim(string name, HashSet<string> used, string reason)
        {
            var want = wanted.Text(name) ?? "";
            if (want == (accepted.Text(name) ?? "") || !used.Contains(want)) { Take(name); }
            else { conflict = new(reason, InUse(want)); }
        }

        void ClaimShortNames()
        {
            var taken = wanted.Texts("shortNames").Except(accepted.Texts("shortNames"), StringComparer.Ordinal).Where(resources.Contains).Select(InUse).ToList();
            if (taken.Count == 0) { Take("shortNames"); }
            else { conflict = new("ShortNamesConflict", taken.Count == 1 ? taken[0] : $"[{string.Join(", ", taken)}]"); }
        }

        void Take(string name)
        {
            result.Remove(name);
            if (wanted[name] is { } value) { result[name] = value.DeepClone(); }
        }
    }

    private static string InUse(string name) => $"{FieldError.Quote(name)} is already in use";
}

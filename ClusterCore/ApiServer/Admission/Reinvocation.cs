using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>
/// The second and last round of mutation: after a webhook has changed the object, the built-in plugins look again, and those
/// webhooks that asked for it and whose result was changed after them.
/// </summary>
internal sealed class Reinvocation
{
    private readonly HashSet<string> invoked = new(StringComparer.Ordinal);
    private readonly HashSet<string> again = new(StringComparer.Ordinal);
    private JsonNode? lastResult;

    public bool IsWanted { get; private set; }

    public bool IsSecondRound { get; private set; }

    public void Start() => IsSecondRound = true;

    /// <summary>Called before webhooks: has a built-in plugin changed what they left?</summary>
    public void Compare(JsonObject? obj)
    {
        if (IsSecondRound && !JsonNode.DeepEquals(lastResult, obj)) { RepeatInvoked(); }
    }

    /// <summary>Called after webhooks.</summary>
    public void Remember(JsonObject? obj) => lastResult = IsWanted && !IsSecondRound ? obj?.DeepClone() : null;

    /// <summary>In the second round no webhook is called for the first time.</summary>
    public bool MayCall(string webhook) => !IsSecondRound || again.Contains(webhook);

    public void Called(string webhook, bool changed, bool wantsReinvocation)
    {
        if (changed)
        {
            RepeatInvoked();
            IsWanted = true;
        }

        if (wantsReinvocation) { invoked.Add(webhook); }
    }

    private void RepeatInvoked()
    {
        again.UnionWith(invoked);
        invoked.Clear();
    }
}

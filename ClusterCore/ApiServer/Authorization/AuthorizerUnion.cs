namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>Asks one after the other; who first allows it decides. A refusal carries every reason that was given.</summary>
internal sealed class AuthorizerUnion(params IReadOnlyList<IAuthorizer> authorizers) : IAuthorizer
{
    public Decision Authorize(Attributes attributes)
    {
        List<string> reasons = [];
        foreach (var authorizer in authorizers)
        {
            var decision = authorizer.Authorize(attributes);
            if (decision.Allowed) { return decision; }
            if (decision.Reason.Length > 0) { reasons.Add(decision.Reason); }
        }

        return new(false, string.Join(", ", reasons));
    }
}

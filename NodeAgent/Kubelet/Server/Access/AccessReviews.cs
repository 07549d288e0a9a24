using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;

namespace Flotilla.NodeAgent.Kubelet.Server.Access;

/// <summary>Asks the API server who a token's bearer is and who may do what; answers are remembered for as long as upstream does.</summary>
internal sealed class AccessReviews(ApiClient client, string nodeName, TimeProvider clock)
{
    private const int MostRemembered = 1000;
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AllowedLife = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DeniedLife = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (Caller? Caller, DateTimeOffset Until)> callers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string User, string Verb, string Subresource), (bool Allowed, DateTimeOffset Until)> decisions = new();

    public async Task<Caller?> CallerOfAsync(string token, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (callers.TryGetValue(token, out var known) && known.Until > now)
        {
            return known.Caller;
        }

        var review = Review("authentication.k8s.io/v1", "TokenReview", new() { ["token"] = token });
        var status = await AskAsync("/apis/authentication.k8s.io/v1/tokenreviews", review, cancellationToken);
        var user = (bool?)status?["authenticated"] == true ? status["user"] : null;
        var caller = user is null
            ? null
            : new Caller((string?)user["username"] ?? "", (string?)user["uid"] ?? "", [.. (user["groups"] as JsonArray ?? []).Select(group => (string?)group ?? "")]);
        Remember(callers, token, (caller, now + (caller is null ? DeniedLife : TokenLife)));
        return caller;
    }

    public async Task<bool> MayAsync(Caller caller, string verb, string subresource, CancellationToken cancellationToken)
    {
        var key = ($"{caller.Name}/{caller.Uid}/{string.Join('/', caller.Groups)}", verb, subresource);
        var now = clock.GetUtcNow();
        if (decisions.TryGetValue(key, out var known) && known.Until > now)
        {
            return known.Allowed;
        }

        var review = Review("authorization.k8s.io/v1", "SubjectAccessReview", new()
        {
            ["user"] = caller.Name,
            ["uid"] = caller.Uid,
            ["groups"] = new JsonArray([.. caller.Groups.Select(group => (JsonNode)group)]),
            ["resourceAttributes"] = new JsonObject { ["verb"] = verb, ["version"] = "v1", ["resource"] = "nodes", ["subresource"] = subresource, ["name"] = nodeName },
        });
        var allowed = (bool?)(await AskAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", review, cancellationToken))?["allowed"] == true;
        Remember(decisions, key, (allowed, now + (allowed ? AllowedLife : DeniedLife)));
        return allowed;
    }

    private static JsonObject Review(string apiVersion, string kind, JsonObject spec) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["spec"] = spec,
    };

    private async Task<JsonNode?> AskAsync(string path, JsonObject review, CancellationToken cancellationToken) =>
        (await client.RequestAsync(HttpMethod.Post, path, review, cancellationToken)).Value?["status"];

    private static void Remember<TKey, TValue>(ConcurrentDictionary<TKey, TValue> memory, TKey key, TValue value) where TKey : notnull
    {
        if (memory.Count >= MostRemembered)
        {
            memory.Clear();
        }

        memory[key] = value;
    }
}

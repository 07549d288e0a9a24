namespace Flotilla.ClusterCore.ApiServer.Authentication;

/// <summary>Who makes a request.</summary>
internal sealed record UserInfo(string Name, string Uid, IReadOnlyList<string> Groups)
{
    public const string Authenticated = "system:authenticated";
    public const string Unauthenticated = "system:unauthenticated";
    public const string Masters = "system:masters";
    public const string Nodes = "system:nodes";

    public static readonly UserInfo Anonymous = new("system:anonymous", "", [Unauthenticated]);

    public IReadOnlyDictionary<string, string[]> Extra { get; init; } = new Dictionary<string, string[]>(StringComparer.Ordinal);

    public bool IsIn(string group) => Groups.Contains(group, StringComparer.Ordinal);

    /// <summary>The node's name when the user is a kubelet (<c>system:node:worker-1</c> in <c>system:nodes</c>).</summary>
    public string? NodeName =>
        Name.StartsWith("system:node:", StringComparison.Ordinal) && IsIn(Nodes) ? Name["system:node:".Length..] : null;

    public UserInfo WithGroup(string group) => IsIn(group) ? this : this with { Groups = [.. Groups, group] };
}

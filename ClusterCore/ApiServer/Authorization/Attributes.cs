using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Pipeline;

namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>What someone wants to do.</summary>
internal sealed record Attributes(UserInfo User, string Verb)
{
    public bool IsResource { get; init; }

    public string Path { get; init; } = "";

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    public static Attributes Of(UserInfo user, RequestInfo request) => new(user, request.Verb)
    {
        IsResource = request.IsResourceRequest,
        Path = request.Path,
        Group = request.Group,
        Version = request.Version,
        Resource = request.Resource,
        Subresource = request.Subresource,
        Namespace = request.Namespace,
        Name = request.Name,
    };
}

internal readonly record struct Decision(bool Allowed, string Reason);

internal interface IAuthorizer
{
    Decision Authorize(Attributes attributes);
}

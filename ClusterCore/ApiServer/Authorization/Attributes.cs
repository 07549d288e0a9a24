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

    /// <summary>As in the request; only exact matches are looked at.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>Whether the request is about objects with that value only.</summary>
    public bool Selects(string field, string value) =>
        FieldSelector.Split(',').Any(term => term == $"{field}={value}" || term == $"{field}=={value}");

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
        FieldSelector = request.FieldSelector,
    };
}

internal readonly record struct Decision(bool Allowed, string Reason);

internal interface IAuthorizer
{
    Decision Authorize(Attributes attributes);
}

using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>The rules of one kind.</summary>
/// <param name="Create">Rules of the object itself; <paramref name="Update"/> runs them too where upstream does.</param>
/// <param name="Update">New object, old object.</param>
internal sealed record KindRules(Action<JsonObject, FieldErrors> Create, Action<JsonObject, JsonObject, FieldErrors> Update);

/// <summary>The one list of kinds that have rules of their own.</summary>
internal static class KindValidation
{
    private static readonly Dictionary<(string Group, string Kind), KindRules> Kinds = new()
    {
    };

    public static KindRules? Find(ResourceInfo resource) => Kinds.GetValueOrDefault((resource.Group, resource.Kind));
}

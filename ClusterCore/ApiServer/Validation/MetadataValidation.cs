using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>The rules of metadata, which all kinds share but for what a name may be.</summary>
internal static class MetadataValidation
{
    private const int MaxAnnotationBytes = 256 * 1024;

    public static void Create(ResourceInfo resource, JsonObject obj, FieldErrors errors)
    {
        var metadata = obj.Metadata() ?? [];
        Names(resource, obj, metadata, errors);
        Common(metadata, "metadata", errors);
        Finalizers(resource, metadata, errors);
    }

    public static void Update(ResourceInfo resource, JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var (metadata, before) = (obj.Metadata() ?? [], old.Metadata() ?? []);
        if (metadata.Text("generateName") is { Length: > 0 } prefix) { errors.Check("metadata.generateName", prefix, ObjectNames.PathSegment(prefix)); }
        Common(metadata, "metadata", errors);
        AddedFinalizers(metadata, before, errors);
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid"]) { Immutable(field, metadata, before, none: "", errors); }
        foreach (var field in (ReadOnlySpan<string>)["deletionTimestamp", "deletionGracePeriodSeconds"]) { Immutable(field, metadata, before, none: null, errors); }
        if ((metadata.Number("generation") ?? 0) < (before.Number("generation") ?? 0))
        {
            errors.Invalid("metadata.generation", metadata.Number("generation") ?? 0, "must not be decremented");
        }

        Finalizers(resource, metadata, errors);
    }

    /// <summary>Whether a name is one that Kubernetes itself has given, or says whose it is.</summary>
    public static bool IsFinalizer(string name) => name.Contains('/') || name is "kubernetes" or "orphan" or "foregroundDeletion";

    /// <summary>A few groups take any name, as custom resources do, whose writers are warned only.</summary>
    private static void Finalizers(ResourceInfo resource, JsonObject metadata, FieldErrors errors)
    {
        if (resource.IsCustom()
            || resource.Group is "admissionregistration.k8s.io" or "coordination.k8s.io" or "apiextensions.k8s.io" or "apiregistration.k8s.io" or "node.k8s.io"
            || resource is { Group: "", Kind: "Event" } or { Group: "policy", Kind: "PodDisruptionBudget" })
        {
            return;
        }

        foreach (var (index, finalizer) in metadata.Texts("finalizers").Index())
        {
            if (!IsFinalizer(finalizer)) { errors.Invalid($"metadata.finalizers[{index}]", finalizer, "name is neither a standard finalizer name nor is it fully qualified"); }
        }
    }

    /// <summary>Of an object within another one: its name is its own affair, as long as it could be part of a path.</summary>
    public static void Embedded(JsonObject metadata, string path, FieldErrors errors)
    {
        if (metadata.Text("generateName") is { Length: > 0 } prefix) { errors.Check($"{path}.generateName", prefix, ObjectNames.PathSegment(prefix)); }
        if (metadata.Text("name") is { Length: > 0 } name) { errors.Check($"{path}.name", name, ObjectNames.PathSegment(name)); }
        if (metadata.Text("namespace") is { Length: > 0 } @namespace) { errors.Check($"{path}.namespace", @namespace, ObjectNames.Dns1123Label(@namespace)); }
        Common(metadata, path, errors);
    }

    /// <summary>Of what is made from a template, which says labels and annotations and nothing else.</summary>
    public static void OfTemplate(JsonObject metadata, string path, FieldErrors errors)
    {
        Annotations(metadata.Object("annotations"), $"{path}.annotations", errors);
        Labels(metadata.Object("labels"), $"{path}.labels", errors);
        foreach (var (field, value) in metadata)
        {
            // Upstream's spelling of one of them.
            if (field is not ("labels" or "annotations") && value is not null) { errors.Forbidden($"{path}.{(field == "uid" ? "uID" : field)}", "cannot be set"); }
        }
    }

    public static void Labels(JsonObject? labels, string path, FieldErrors errors)
    {
        foreach (var (key, value) in labels ?? [])
        {
            errors.Check(path, key, ObjectNames.QualifiedName(key));
            var text = value?.GetValue<string>() ?? "";
            errors.Check(path, text, ObjectNames.LabelValue(text));
        }
    }

    public static void Annotations(JsonObject? annotations, string path, FieldErrors errors)
    {
        var size = 0L;
        foreach (var (key, value) in annotations ?? [])
        {
            // Keys of annotations may have upper-case prefixes; upstream checks them in lower case.
            errors.Check(path, key, ObjectNames.QualifiedName(key.ToLowerInvariant()));
            size += key.Length + (value?.GetValue<string>().Length ?? 0);
        }

        if (size > MaxAnnotationBytes)
        {
            errors.Add(FieldError.TooLong(path, MaxAnnotationBytes));
        }
    }

    private static void Names(ResourceInfo resource, JsonObject obj, JsonObject metadata, FieldErrors errors)
    {
        if (metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            errors.Check("metadata.generateName", prefix, NameRules.Prefix(NameRules.OfPrefix(resource, obj), prefix));
        }

        if (metadata.Text("name") is { Length: > 0 } name)
        {
            errors.Check("metadata.name", name, NameRules.Of(resource, obj)(name));
        }
        else
        {
            errors.Required("metadata.name", "name or generateName is required");
        }

        var @namespace = metadata.Text("namespace") ?? "";
        if (!resource.Namespaced && @namespace.Length > 0)
        {
            errors.Forbidden("metadata.namespace", "not allowed on this type");
        }
        else if (resource.Namespaced && @namespace.Length == 0)
        {
            errors.Required("metadata.namespace");
        }
        else if (@namespace.Length > 0)
        {
            errors.Check("metadata.namespace", @namespace, ObjectNames.Dns1123Label(@namespace));
        }
    }

    private static void Common(JsonObject metadata, string path, FieldErrors errors)
    {
        if (metadata.Number("generation") is < 0 and var generation)
        {
            errors.Invalid($"{path}.generation", generation, "must be greater than or equal to 0");
        }

        Labels(metadata.Object("labels"), $"{path}.labels", errors);
        Annotations(metadata.Object("annotations"), $"{path}.annotations", errors);
        OwnerReferences(metadata, path, errors);
        var finalizers = metadata.Texts("finalizers").ToList();
        foreach (var finalizer in finalizers)
        {
            errors.Check($"{path}.finalizers", finalizer, ObjectNames.QualifiedName(finalizer));
        }

        if (finalizers.Contains("orphan") && finalizers.Contains("foregroundDeletion"))
        {
            errors.Invalid($"{path}.finalizers", metadata["finalizers"], "finalizer orphan and foregroundDeletion cannot be both set");
        }
    }

    private static void OwnerReferences(JsonObject metadata, string path, FieldErrors errors)
    {
        var (at, controller) = ($"{path}.ownerReferences", "");
        foreach (var owner in metadata.Items("ownerReferences"))
        {
            Owner(owner, at, errors);
            if (owner.Flag("controller") != true) { continue; }
            var name = $"{owner.Text("kind")}/{owner.Text("name")}";
            if (controller.Length == 0) { controller = name; }
            else { errors.Invalid(at, metadata["ownerReferences"], $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {name}"); }
        }
    }

    private static void Owner(JsonObject owner, string path, FieldErrors errors)
    {
        var version = owner.Text("apiVersion") ?? "";
        if (version.Length == 0 || version[^1] == '/' || version.Count(static c => c == '/') > 1) { errors.Invalid($"{path}.apiVersion", version, "version must not be empty"); }
        foreach (var field in (ReadOnlySpan<string>)["kind", "name", "uid"])
        {
            if (!owner.Has(field)) { errors.Invalid($"{path}.{field}", "", "must not be empty"); }
        }

        if (version == "v1" && owner.Text("kind") == "Event") { errors.Invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner"); }
    }

    private static void AddedFinalizers(JsonObject metadata, JsonObject before, FieldErrors errors)
    {
        if (!before.Has("deletionTimestamp"))
        {
            return;
        }

        var added = metadata.Texts("finalizers").Except(before.Texts("finalizers"), StringComparer.Ordinal).ToList();
        if (added.Count > 0)
        {
            errors.Forbidden(
                "metadata.finalizers",
                $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(static name => $"\"{name}\""))}}}");
        }
    }

    /// <param name="none">What a missing one is shown as.</param>
    private static void Immutable(string field, JsonObject metadata, JsonObject before, object? none, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(metadata[field], before[field])) { errors.Invalid($"metadata.{field}", metadata[field] ?? none, "field is immutable"); }
    }
}

using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation.Definitions;

/// <summary>
/// Definitions of custom resources. What is the same in all versions, of one version everything, is a matter of the whole spec
/// upstream, so errors are in <c>spec.validation</c>, <c>spec.subresources</c>, … then and not in <c>spec.versions[0]</c>.
/// </summary>
internal static class DefinitionValidation
{
    private static readonly string[] perVersion = ["schema", "subresources", "additionalPrinterColumns", "selectableFields"];

    public static void Create(JsonObject definition, FieldErrors errors)
    {
        var spec = definition.Spec() ?? [];
        Spec(spec, null, mayHaveBadBundle: true, errors);
        Rest(definition, null, errors);
    }

    public static void Update(JsonObject definition, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (definition.Spec() ?? [], old.Spec() ?? []);
        var isEstablished = old.Object("status")?.Items("conditions").Any(static condition => condition.Text("type") == "Established" && condition.Text("status") == "True") == true;
        Spec(spec, before, !isEstablished || ConversionValidation.HasBadBundle(before), errors);
        if (isEstablished)
        {
            Rules.Unchanged(spec, before, "scope", "spec", errors);
            Rules.Unchanged(spec.Object("names"), before.Object("names"), "kind", "spec.names", errors);
        }

        Rules.Unchanged(spec, before, "group", "spec", errors);
        Rules.Unchanged(spec.Object("names"), before.Object("names"), "plural", "spec.names", errors);
        Rest(definition, old, errors);
    }

    public static void Status(JsonObject definition, JsonObject old, FieldErrors errors) =>
        Names(definition.Object("status")?.Object("acceptedNames") ?? [], "status.acceptedNames", errors);

    private static void Rest(JsonObject definition, JsonObject? old, FieldErrors errors)
    {
        Status(definition, definition, errors);
        StoredVersions(definition, errors);
        ApiApproval.Check(definition, old, errors);
        if (definition.Spec()?.Flag("preserveUnknownFields") == true && old?.Spec()?.Flag("preserveUnknownFields") != true)
        {
            errors.Invalid("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
    }

    private static void Spec(JsonObject spec, JsonObject? old, bool mayHaveBadBundle, FieldErrors errors)
    {
        Group(spec, errors);
        Rules.RequiredOneOf(spec, "scope", "spec", errors, "Cluster", "Namespaced");
        var versions = spec.Items("versions").ToArray();
        for (var i = 0; i < versions.Length; i++)
        {
            if (SchemaOf(versions[i]) is null) { errors.Required($"spec.versions[{i}].schema.openAPIV3Schema"); }
        }

        var shared = perVersion.Where(part => versions.Length > 0 && versions.All(version => JsonNode.DeepEquals(version[part], versions[0][part]))).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < versions.Length; i++)
        {
            var (version, at) = (versions[i], $"spec.versions[{i}]");
            var name = version.Text("name") ?? "";
            errors.Check($"{at}.name", name, Name(name));
            Deprecation(version, at, errors);
            if (!shared.Contains("schema")) { Schema(version, OldVersion(old, name), HasStatus(version), $"{at}.schema", errors); }
            if (!shared.Contains("subresources")) { SubresourceValidation.Check(version, $"{at}.subresources", errors); }
            if (!shared.Contains("additionalPrinterColumns")) { ColumnValidation.Check(version, at, errors); }
            if (!shared.Contains("selectableFields")) { SelectableFieldValidation.Check(version, OldVersion(old, name), at, errors); }
        }

        if (versions.DistinctBy(static version => version.Text("name"), StringComparer.Ordinal).Count() < versions.Length)
        {
            errors.Invalid("spec.versions", spec["versions"], "must contain unique version names");
        }

        if (versions.Count(static version => version.Flag("storage") == true) != 1)
        {
            errors.Invalid("spec.versions", spec["versions"], "must have exactly one version marked as storage version");
        }

        RequiredNames(spec.Object("names") ?? [], errors);
        Names(spec.Object("names") ?? [], "spec.names", errors);
        if (versions.Length > 0)
        {
            var (first, before) = (versions[0], OldVersion(old, versions[0].Text("name") ?? ""));
            if (shared.Contains("schema")) { Schema(first, before, versions.Any(HasStatus), "spec.validation", errors); }
            if (shared.Contains("subresources")) { SubresourceValidation.Check(first, "spec.subresources", errors); }
            if (shared.Contains("additionalPrinterColumns")) { ColumnValidation.Check(first, "spec", errors); }
            if (shared.Contains("selectableFields")) { SelectableFieldValidation.Check(first, before, "spec", errors); }
        }

        ConversionValidation.Check(spec, mayHaveBadBundle, errors);
    }

    private static void Group(JsonObject spec, FieldErrors errors)
    {
        Rules.Required(spec, "group", "spec", errors, ObjectNames.Dns1123Subdomain);
        if (spec.Text("group") is { Length: > 0 } group && ObjectNames.Dns1123Subdomain(group).Count == 0 && !group.Contains('.'))
        {
            errors.Invalid("spec.group", group, "should be a domain with at least one dot");
        }
    }

    /// <summary>A schema that is as it was is not looked at again: it may be older than a rule.</summary>
    private static void Schema(JsonObject version, JsonObject? old, bool hasStatus, string path, FieldErrors errors)
    {
        if (SchemaOf(version) is not { } schema || (old is not null && JsonNode.DeepEquals(schema, SchemaOf(old)))) { return; }
        foreach (var error in VersionSchema.Check(schema, hasStatus, $"{path}.openAPIV3Schema")) { errors.Add(error); }
    }

    private static JsonObject? OldVersion(JsonObject? old, string name) => old?.Items("versions").FirstOrDefault(version => version.Text("name") == name);

    private static JsonObject? SchemaOf(JsonObject version) => version.Object("schema")?.Object("openAPIV3Schema");

    private static bool HasStatus(JsonObject version) => version.Object("subresources")?.Object("status") is not null;

    private static void Deprecation(JsonObject version, string path, FieldErrors errors)
    {
        if (version.Text("deprecationWarning") is not { } warning) { return; }
        var at = $"{path}.deprecationWarning";
        if (version.Flag("deprecated") != true)
        {
            errors.Invalid(at, warning, "can only be set for deprecated versions");
            return;
        }

        if (System.Text.Encoding.UTF8.GetByteCount(warning) > 256) { errors.Invalid(at, warning, "must be <= 256 characters long"); }
        if (warning.Length == 0) { errors.Invalid(at, warning, "must not be an empty string"); }
        var index = warning.AsSpan().IndexOfAnyInRange('\0', '\x1f');
        if (index >= 0) { errors.Invalid(at, warning, $"must only contain printable UTF-8 characters; non-printable character found at index {index}"); }
    }

    private static void RequiredNames(JsonObject names, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["plural", "singular", "kind", "listKind"])
        {
            Rules.Required(names, name, "spec.names", errors);
        }
    }

    private static void Names(JsonObject names, string path, FieldErrors errors)
    {
        Rules.Optional(names, "plural", path, errors, Name);
        Rules.Optional(names, "singular", path, errors, Name);
        Rules.Optional(names, "kind", path, errors, ObjectNames.Kind);
        Rules.Optional(names, "listKind", path, errors, ObjectNames.Kind);
        Each(names, "shortNames", path, errors);
        if (names.Has("kind") && names.Text("kind") == names.Text("listKind"))
        {
            errors.Invalid($"{path}.listKind", names.Text("listKind"), "kind and listKind may not be the same");
        }

        Each(names, "categories", path, errors);
    }

    private static IReadOnlyList<string> Name(string name) => ObjectNames.Dns1035Label(name) is { Count: > 0 } wrong ? [string.Join(',', wrong)] : [];

    private static void Each(JsonObject names, string member, string path, FieldErrors errors)
    {
        foreach (var (index, name) in names.Texts(member).Index())
        {
            errors.Check($"{path}.{member}[{index}]", name, Name(name));
        }
    }

    private static void StoredVersions(JsonObject definition, FieldErrors errors)
    {
        const string path = "status.storedVersions";
        var stored = definition.Object("status")?.Texts("storedVersions").ToList() ?? [];
        var shown = definition.Object("status")?["storedVersions"];
        if (stored.Count == 0)
        {
            errors.Invalid(path, shown, "must have at least one stored version");
            return;
        }

        var versions = definition.Spec()?.Items("versions").ToList() ?? [];
        foreach (var version in versions.Where(version => version.Flag("storage") == true && !stored.Contains(version.Text("name") ?? "", StringComparer.Ordinal)))
        {
            errors.Invalid(path, shown, $"must have the storage version {version.Text("name")}");
        }

        foreach (var (index, name) in stored.Index().Where(one => !versions.Any(version => version.Text("name") == one.Item)))
        {
            errors.Invalid(
                $"{path}[{index}]", name,
                $"missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions");
        }
    }
}

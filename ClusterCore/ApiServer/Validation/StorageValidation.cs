using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class StorageValidation
{
    private const string ClaimImmutable = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

    private static readonly string[] modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    public static void Claim(JsonObject claim, FieldErrors errors) => ClaimSpec(claim.Spec() ?? [], "spec", errors);

    public static void ClaimSpec(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.List("accessModes") is not { Count: > 0 }) { errors.Required($"{path}.accessModes", "at least 1 access mode is required"); }
        SelectorValidation.LabelSelector(spec.Object("selector"), $"{path}.selector", errors);
        OnlyKnownModes([.. spec.Texts("accessModes")], path, errors);
        if (spec.Object("resources")?.Object("requests")?.Text("storage") is not { } request)
        {
            errors.Required($"{path}.resources[storage]");
        }
        else if (Quantity.TryParse(request, out var size) && size.Sign <= 0)
        {
            errors.Invalid($"{path}.resources[storage]", request, "must be greater than zero");
        }

        Rules.Optional(spec, "storageClassName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.OneOf(spec, "volumeMode", path, errors, "Block", "Filesystem");
        DataSources(spec, path, errors);
        Rules.Optional(spec, "volumeAttributesClassName", path, errors, ObjectNames.Dns1123Subdomain);
    }

    private static void DataSources(JsonObject spec, string path, FieldErrors errors)
    {
        var (source, reference) = (spec.Object("dataSource"), spec.Object("dataSourceRef"));
        if (source is not null) { DataSource(source, $"{path}.dataSource", errors); }
        if (reference is not null)
        {
            DataSource(reference, $"{path}.dataSourceRef", errors);
            Rules.Optional(reference, "namespace", $"{path}.dataSourceRef", errors, ObjectNames.Dns1123Label);
        }

        if (source is null || reference is null) { return; }
        if (reference.Has("namespace")) { errors.Invalid(path, $"{path}.dataSource", "may not be specified when dataSourceRef.namespace is specified"); }
        else if (!JsonNode.DeepEquals(source, reference)) { errors.Invalid(path, $"{path}.dataSource", "must match dataSourceRef"); }
    }

    private static void DataSource(JsonObject source, string path, FieldErrors errors)
    {
        Rules.Required(source, "name", path, errors);
        Rules.Required(source, "kind", path, errors);
        if (!source.Has("apiGroup") && source.Text("kind") != "PersistentVolumeClaim")
        {
            errors.Invalid(path, source.Text("kind") ?? "", "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        }

        Rules.Optional(source, "apiGroup", path, errors, ObjectNames.Dns1123Subdomain);
    }

    public static void ClaimUpdate(JsonObject claim, JsonObject old, FieldErrors errors)
    {
        Claim(claim, errors);
        var (spec, before) = (claim.Spec() ?? [], old.Spec() ?? []);
        if (!JsonNode.DeepEquals(Fixed(spec, before), Fixed(before, before)))
        {
            errors.Forbidden("spec", ClaimImmutable);
        }

        var wanted = spec.Object("resources")?.Object("requests")?.Text("storage");
        var was = before.Object("resources")?.Object("requests")?.Text("storage");
        if (!Quantity.TryParse(wanted, out var now) || !Quantity.TryParse(was, out var then) || now == then)
        {
            return;
        }

        if (old.Object("status")?.Text("phase") != "Bound")
        {
            errors.Forbidden("spec", ClaimImmutable);
        }
        else if (now < then && !(Quantity.TryParse(old.Object("status")?.Object("capacity")?.Text("storage"), out var capacity) && now > capacity))
        {
            errors.Forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
        }
    }

    public static void StorageClass(JsonObject storageClass, FieldErrors errors)
    {
        Provisioner(storageClass, "provisioner", errors);
        AttachmentValidation.Parameters(storageClass.Object("parameters"), errors);
        NotSupported(storageClass, "reclaimPolicy", errors, "Delete", "Retain");
        if (!storageClass.Has("volumeBindingMode"))
        {
            errors.Required("volumeBindingMode");
        }

        NotSupported(storageClass, "volumeBindingMode", errors, "Immediate", "WaitForFirstConsumer");
        Topologies(storageClass, errors);
    }

    private static void Topologies(JsonObject storageClass, FieldErrors errors)
    {
        var seen = new List<JsonObject>();
        foreach (var (index, term) in storageClass.Items("allowedTopologies").Index())
        {
            var at = $"allowedTopologies[{index}].matchLabelExpressions";
            var labels = new JsonObject();
            foreach (var (place, expression) in term.Items("matchLabelExpressions").Index())
            {
                var (key, values) = (expression.Text("key") ?? "", expression.Texts("values").ToList());
                if (values.Count == 0) { errors.Required($"{at}[{place}].values"); }
                foreach (var (which, value) in values.Index().Where(one => values.IndexOf(one.Item) < one.Index)) { errors.Duplicate($"{at}[{place}].values[{which}]", value); }
                errors.Check($"{at}[{place}].key", key, ObjectNames.QualifiedName(key));
                if (labels.ContainsKey(key)) { errors.Duplicate($"{at}[{place}].key", key); }
                labels[key] = new JsonArray([.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(static value => (JsonNode)value)]);
            }

            // One without labels counts as given before, upstream.
            if (labels.Count == 0 || seen.Any(other => JsonNode.DeepEquals(other, labels))) { errors.Duplicate(at, ""); }
            seen.Add(labels);
        }
    }

    public static void StorageClassUpdate(JsonObject storageClass, JsonObject old, FieldErrors errors)
    {
        StorageClass(storageClass, errors);
        foreach (var field in (ReadOnlySpan<string>)["parameters", "provisioner", "reclaimPolicy"])
        {
            if (!JsonNode.DeepEquals(storageClass[field], old[field]))
            {
                errors.Forbidden(field, $"updates to {field} are forbidden.");
            }
        }

        if (!JsonNode.DeepEquals(storageClass["volumeBindingMode"], old["volumeBindingMode"]))
        {
            errors.Invalid("volumeBindingMode", storageClass["volumeBindingMode"], Rules.Immutable);
        }
    }

    /// <summary>The name of a driver: a qualified name, in whatever case.</summary>
    public static void Provisioner(JsonObject holder, string field, FieldErrors errors)
    {
        if (!holder.Has(field))
        {
            errors.Required(field);
        }
        else
        {
            errors.Check(field, holder.Text(field), ObjectNames.QualifiedName(holder.Text(field)!.ToLowerInvariant()));
        }
    }

    private static void NotSupported(JsonObject obj, string field, FieldErrors errors, params string[] supported)
    {
        if (obj.Text(field) is { Length: > 0 } value && !supported.Contains(value, StringComparer.Ordinal))
        {
            errors.NotSupported(field, value, supported);
        }
    }

    /// <param name="detail">What is said where there is none.</param>
    public static void AccessModes(JsonObject spec, string path, string detail, FieldErrors errors)
    {
        var wanted = spec.Texts("accessModes").ToList();
        if (wanted.Count == 0) { errors.Required($"{path}.accessModes", detail); }
        OnlyKnownModes(wanted, path, errors);
    }

    private static void OnlyKnownModes(List<string> wanted, string path, FieldErrors errors)
    {
        foreach (var mode in wanted.Where(static mode => !modes.Contains(mode, StringComparer.Ordinal))) { errors.NotSupported($"{path}.accessModes", mode, modes); }
        if (wanted.Contains("ReadWriteOncePod") && wanted.Any(static mode => mode != "ReadWriteOncePod" && modes.Contains(mode, StringComparer.Ordinal)))
        {
            errors.Forbidden($"{path}.accessModes", "may not use ReadWriteOncePod with other access modes");
        }
    }

    /// <summary>Set once: the volume by whoever binds, the class by whoever defaults it.</summary>
    private static JsonObject Fixed(JsonObject spec, JsonObject before)
    {
        var fixedPart = (JsonObject)spec.DeepClone();
        fixedPart.Remove("resources");
        fixedPart.Remove("volumeAttributesClassName");
        foreach (var field in (ReadOnlySpan<string>)["volumeName", "storageClassName"])
        {
            if (!before.Has(field))
            {
                fixedPart.Remove(field);
            }
        }

        return fixedPart;
    }
}

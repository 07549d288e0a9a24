using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Volumes attached to nodes, and the classes of what can be changed about a volume.</summary>
internal static class AttachmentValidation
{
    private const int MostParameters = 512;
    private const int MostParameterBytes = 256 * 1024;
    private const int LongestMessage = 1024;
    private const string OneSource = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

    public static void VolumeAttachment(JsonObject attachment, FieldErrors errors)
    {
        var spec = attachment.Spec() ?? [];
        DriverNames.Driver(spec.Text("attacher"), "spec.attacher", errors);
        Source(spec.Object("source") ?? [], errors);
        var node = spec.Text("nodeName") ?? "";
        errors.Check("spec.nodeName", node, ObjectNames.Dns1123Subdomain(node));
        Status(attachment, attachment, errors);
    }

    public static void SpecUnchanged(JsonObject attachment, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(attachment["spec"], old["spec"]))
        {
            errors.Invalid("spec", attachment["spec"], Rules.Immutable);
        }
    }

    public static void Status(JsonObject attachment, JsonObject old, FieldErrors errors)
    {
        var status = attachment.Object("status") ?? [];
        Size(status.Object("attachmentMetadata"), "status.attachmentMetadata", errors);
        foreach (var field in (ReadOnlySpan<string>)["attachError", "detachError"])
        {
            if (status.Object(field)?.Text("message") is { Length: > LongestMessage })
            {
                errors.Add(FieldError.TooLong($"status.{field}.message", LongestMessage));
            }
        }
    }

    public static void AttributesClass(JsonObject attributes, FieldErrors errors)
    {
        StorageValidation.Provisioner(attributes, "driverName", errors);
        if (attributes.Object("parameters") is not { Count: > 0 })
        {
            errors.Required("parameters", "must contain at least one key/value pair");
        }

        Parameters(attributes.Object("parameters"), errors);
    }

    public static void AttributesUnchanged(JsonObject attributes, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["driverName", "parameters"])
        {
            if (!JsonNode.DeepEquals(attributes[field], old[field]))
            {
                errors.Forbidden(field, $"updates to {field} are forbidden.");
            }
        }
    }

    /// <summary>What a class hands to its driver.</summary>
    public static void Parameters(JsonObject? parameters, FieldErrors errors)
    {
        if (parameters?.Count > MostParameters)
        {
            errors.Add(FieldError.TooLong("parameters", MostParameters));
            return;
        }

        if (parameters?.ContainsKey("") == true)
        {
            errors.Invalid("parameters", "", "field can not be empty.");
        }

        Size(parameters, "parameters", errors);
    }

    private static void Source(JsonObject source, FieldErrors errors)
    {
        switch (source["persistentVolumeName"], source["inlineVolumeSpec"])
        {
            case (null, null):
                errors.Required("spec.source", OneSource);
                break;
            case (not null, not null):
                errors.Forbidden("spec.source", OneSource);
                break;
            case (null, JsonObject inline):
                PersistentVolumeValidation.Spec(inline, "", "spec.source.inlineVolumeSpec", isInline: true, errors);
                break;
            default:
                Rules.Required(source, "persistentVolumeName", "spec.source", errors, ObjectNames.Dns1123Subdomain, "must specify non empty persistentVolumeName");
                break;
        }
    }

    private static void Size(JsonObject? texts, string path, FieldErrors errors)
    {
        var size = texts?.Sum(static pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value?.ToString() ?? ""));
        if (size > MostParameterBytes)
        {
            errors.Add(FieldError.TooLong(path, MostParameterBytes));
        }
    }
}

using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What a scheduler and drivers write about a claim: the devices it got, who uses them, how they are.</summary>
internal static class ClaimStatusValidation
{
    private const int MostUsers = 256;
    private const int MostResults = 32;
    private const int MostConfigs = 64;
    private const int MostRequests = 32;
    private const int MostDataBytes = 10 * 1024;

    public static void Status(JsonObject claim, JsonObject old, FieldErrors errors)
    {
        var (status, before) = (claim.Object("status") ?? [], old.Object("status") ?? []);
        var allocation = status.Object("allocation");
        Sets.Unique(status, "reservedFor", MostUsers, "status", errors, User, static user => user.Text("uid") ?? "");
        var allocated = (allocation?.Object("devices")?.Items("results") ?? []).Select(Id).ToHashSet(StringComparer.Ordinal);
        Sets.Unique(status, "devices", int.MaxValue, "status", errors, (device, at, found) => Device(device, allocated, at, found), Id);
        Reserved(claim, status, before, errors);
        if (allocation is null)
        {
            return;
        }

        if (before["allocation"] is { } held)
        {
            errors.Check("status.allocation", allocation, JsonNode.DeepEquals(allocation, held) ? null : Rules.Immutable);
        }
        else
        {
            Allocation(allocation, claim.Spec() ?? [], errors);
        }
    }

    private static void Reserved(JsonObject claim, JsonObject status, JsonObject before, FieldErrors errors)
    {
        if (status.List("reservedFor") is not { Count: > 0 } reserved)
        {
            return;
        }

        if (status["allocation"] is null)
        {
            errors.Forbidden("status.reservedFor", "may not be specified when `allocated` is not set");
        }
        else if (claim.Metadata()?.Has("deletionTimestamp") == true
            && reserved.Any(user => before.List("reservedFor")?.Any(known => JsonNode.DeepEquals(known, user)) != true))
        {
            errors.Forbidden("status.reservedFor", "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set");
        }
    }

    private static void User(JsonObject user, string path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["resource", "name", "uid"])
        {
            Rules.Required(user, field, path, errors);
        }
    }

    private static void Allocation(JsonObject allocation, JsonObject claimSpec, FieldErrors errors)
    {
        var devices = allocation.Object("devices") ?? [];
        Sets.Each(devices, "results", MostResults, "status.allocation.devices", errors, (result, at, found) =>
        {
            DeviceValidation.RequestReference(result.Text("request") ?? "", claimSpec, $"{at}.request", found);
            Named(result, at, found);
            Sets.Each(result, "tolerations", int.MaxValue, at, found, DeviceValidation.Toleration);
        });
        Sets.Each(devices, "config", MostConfigs, "status.allocation.devices", errors, (config, at, found) =>
        {
            Rules.RequiredOneOf(config, "source", at, found, "FromClaim", "FromClass");
            Sets.UniqueTexts(config, "requests", MostRequests, at, found, (name, where, wrong) => DeviceValidation.RequestReference(name, claimSpec, where, wrong));
            DeviceValidation.Configuration(config, at, found);
        });
        if (allocation.Object("nodeSelector") is { } selector)
        {
            SelectorValidation.NodeSelector(selector, "status.allocation.nodeSelector", errors);
        }
    }

    private static void Device(JsonObject device, HashSet<string> allocated, string path, FieldErrors errors)
    {
        Named(device, path, errors);
        if (!allocated.Contains(Id(device)))
        {
            errors.Invalid(path, Id(device), "must be an allocated device in the claim");
        }

        if (device["data"] is { } data)
        {
            DeviceValidation.JsonDocument(data, MostDataBytes, $"{path}.data", errors);
        }
    }

    private static void Named(JsonObject device, string path, FieldErrors errors)
    {
        DriverNames.Driver(device.Text("driver"), $"{path}.driver", errors);
        DriverNames.Pool(device.Text("pool"), $"{path}.pool", errors);
        var name = device.Text("device") ?? "";
        errors.Check($"{path}.device", name, ObjectNames.Dns1123Label(name));
    }

    private static string Id(JsonObject device)
    {
        var id = $"{device.Text("driver")}/{device.Text("pool")}/{device.Text("device")}";
        return device.Text("shareID") is { Length: > 0 } share ? $"{id}/{share}" : id;
    }
}

using System.Xml.Linq;
using Flotilla.Provisioner.Fleet.Secrets;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Portal.Identity.Sessions;

/// <summary>Seals data protection's keys with the platform's secret key before they reach the database.</summary>
internal sealed class SealedKeys(SecretBox secrets) : IXmlEncryptor
{
    internal const string Purpose = "data protection key";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
        new("sealed", Convert.ToBase64String(secrets.Seal(plaintextElement.ToString(SaveOptions.DisableFormatting), Purpose))),
        typeof(UnsealedKeys));
}

/// <summary>Made by data protection itself, by the type's name that stands beside each key.</summary>
internal sealed class UnsealedKeys(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => XElement.Parse(
        services.GetRequiredService<SecretBox>().Unseal(Convert.FromBase64String(encryptedElement.Value), SealedKeys.Purpose));
}

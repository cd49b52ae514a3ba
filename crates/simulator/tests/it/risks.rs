//! The partner API's documented example, as each wire carries it: a Toyota Camry of 150 hp, a taxi, from
//! 2023-12-01, one driver. Its КЛАДР code says Moscow and its words say Красноярск, as documented.

use serde_json::{Value, json};

pub const VIN: &str = "XTA210990Y2765439";

pub fn alfastrah() -> Value {
    let person = json!({
        "last_name": "Иванов", "first_name": "Иван", "middle_name": "Иванович", "birth_date": "1980-06-12",
        "addresses": [{"address_type": "Регистрации", "country": "Россия", "region": "Красноярский край",
            "location_place": "Красноярск", "street": "Ленина", "house_number": "1"}],
        "person_document": {"document_type": "Паспорт гражданина РФ", "document_series": "1234",
            "document_number": "567890", "issue_date": "2010-10-05"},
    });
    json!({
        "agent": {"agent_contract_id": 1},
        "drivers": [{"driver_data": {
            "last_name": "Иванов", "first_name": "Иван", "middle_name": "Иванович", "birth_date": "1980-06-12",
            "driver_document": {"document_type": "Водительское удостоверение РФ", "document_series": "77АА",
                "document_number": "123456", "issue_date": "2015-06-10",
                "driving_experience_date": "2015-06-10"},
        }}],
        "insurance_contract": {
            "begin_date": "2023-12-01 00:00:00", "drivers_restriction": true, "purpose_of_use": "Такси",
            "operation_periods": [{"start_date": "2023-12-01 00:00:00", "end_date": "2024-11-30 23:59:59"}],
        },
        "transport_insurer": {"person": person},
        "transport_owner": {"person": person},
        "vehicle": {
            "category": "B - легковые", "mark": "TOYOTA", "model": "CAMRY", "production_year": 2020,
            "power_hp": 150, "use_with_trailer": false,
            "identity": {"licence_plate": "А123БВ777", "vin": VIN, "body_number": "ABC123456789",
                "chassis_number": "CHS987654321"},
        },
    })
}

pub fn ingosstrakh() -> String {
    format!(
        "<Agreement><General><Product>753518300</Product><CitySales>77000000000</CitySales>\
         <DateBeg>2023-12-01T00:00:00</DateBeg><DateEnd>2024-11-30</DateEnd></General>\
         <Insurer><SbjRef>1</SbjRef></Insurer><Owner><SbjRef>1</SbjRef></Owner>\
         <SubjectList><Subject SbjKey=\"1\"><SbjType>Ф</SbjType><FullName>Иванов Иван Иванович</FullName>\
         <BirthDate>1980-06-12</BirthDate><Address><CityCode>77000000000</CityCode></Address>\
         <IdentityDocument><DocType>30363316</DocType><Serial>12 34</Serial><Number>567890</Number>\
         </IdentityDocument></Subject></SubjectList>\
         <Vehicle><Model>100000101</Model><VIN>{VIN}</VIN><Category>8244</Category>\
         <Constructed>2020-01-01</Constructed><EnginePowerHP>150</EnginePowerHP></Vehicle>\
         <Condition><Liability><RiskCtg>28966116</RiskCtg><UsageTarget><Taxi>Y</Taxi></UsageTarget>\
         <UseWithTrailer>N</UseWithTrailer><PeriodList><Period><DateBeg>2023-12-01</DateBeg>\
         <DateEnd>2024-11-30</DateEnd></Period></PeriodList></Liability></Condition>\
         <DriverList><Driver><SbjRef>1</SbjRef><DrvDateBeg>2015-06-10</DrvDateBeg><DriverLicense>\
         <DocType>765912000</DocType><Serial>77АА</Serial><Number>123456</Number></DriverLicense></Driver>\
         </DriverList></Agreement>"
    )
}

pub fn renessans() -> Vec<(&'static str, &'static str)> {
    vec![
        ("dateStart", "2023-12-01"),
        ("period", "12"),
        ("purpose", "Такси"),
        ("limitDrivers", "1"),
        ("trailer", "0"),
        ("isJuridical", "0"),
        ("codeKladr", "7700000000000"),
        ("owner[lastname]", "Иванов"),
        ("owner[name]", "Иван"),
        ("owner[middlename]", "Иванович"),
        ("owner[birthday]", "1980-06-12"),
        ("owner[document][typeofdocument]", "RussianPassport"),
        ("owner[document][series]", "1234"),
        ("owner[document][number]", "567890"),
        ("car[make]", "Toyota"),
        ("car[model]", "Camry"),
        ("car[category]", "B"),
        ("car[power]", "150"),
        ("car[documents][vin]", VIN),
        ("drivers[0][lastname]", "Иванов"),
        ("drivers[0][name]", "Иван"),
        ("drivers[0][birthday]", "1980-06-12"),
        ("drivers[0][license][series]", "77АА"),
        ("drivers[0][license][number]", "123456"),
        ("drivers[0][license][dateBeginDrive]", "2015-06-10"),
        ("fullInformation", "1"),
    ]
}

pub fn vsk_bus() -> String {
    let paper = |kind: &str, series: &str, day: &str| {
        format!(
            "<docs><objectDocType><objectDocTypeCode>{kind}</objectDocTypeCode></objectDocType><series>{series}</series>\
             <number>123456</number><dateIssue>{day}</dateIssue></docs>"
        )
    };
    let person = |role: &str, paper: &str| {
        format!(
            "<objectType><code>{role}</code></objectType>{paper}<contractorType><contractorTypeCode>INDIVIDUAL\
             </contractorTypeCode></contractorType><firstName>Иван</firstName><surname>Иванов</surname>\
             <secondName>Иванович</secondName><birthDate>1980-06-12</birthDate><gender>1</gender>"
        )
    };
    let address = "<addresses><country><countryCode>RUS</countryCode></country><addressType><addressTypeCode>REGISTRATION\
                   </addressTypeCode></addressType><region>Красноярский край</region><city>Красноярск</city>\
                   <addressStr>Ленина, 1</addressStr></addresses>";
    let contacts = "<contacts><contactType><contactTypeCode>EMAIL</contactTypeCode></contactType><contact>a@example.org\
                    </contact></contacts><contacts><contactType><contactTypeCode>PHONE</contactTypeCode></contactType>\
                    <contact>79000000011</contact></contacts>";
    let passport = paper("PASSPORT_RF", "1234", "2010-10-05");
    let holder = person("CONTRACTOR", &passport);
    format!(
        "<policy><product><productCode>OSAGO</productCode></product><dateCreate>2023-11-20T00:00:00+03:00</dateCreate>\
         <dateStart>2023-12-01T00:00:00+03:00</dateStart><dateEnd>2024-11-30T23:59:59+03:00</dateEnd>\
         <dateIssue>2023-11-20</dateIssue><dateCalc>2023-11-20T00:00:00+03:00</dateCalc>\
         <policyObjects><object xsi:type=\"m:VehicleXT\"><objectType><code>VEHICLE</code></objectType>{}\
         <model><mark><name>Toyota</name></mark><type><vehicleTypeCode>B</vehicleTypeCode></type><name>Camry</name></model>\
         <vin>{VIN}</vin><purpose><vehiclePurposeCode>TAXI</vehiclePurposeCode></purpose>\
         <country><countryCode>RUS</countryCode></country><owner>{holder}{address}</owner>\
         <ownershipType><ownershipTypeCode>INDIVIDUAL-OWNER</ownershipTypeCode></ownershipType><trailer>false</trailer>\
         <power>150</power><yearIssue>2020</yearIssue></object><period1BeginDate>2023-12-01</period1BeginDate>\
         <period1EndDate>2024-11-30</period1EndDate></policyObjects>\
         <policyObjects><object xsi:type=\"m:IndividualsXT\">{}<driveExperience>2015-06-10</driveExperience></object>\
         </policyObjects><participant><contractor xsi:type=\"m:IndividualsXT\">{holder}{address}{contacts}</contractor>\
         <participantType><participantTypeCode>INSURANT</participantTypeCode></participantType></participant></policy>",
        paper("VEHICLE_REGISTRATION_CERTIFICATE", "77АА", "2020-05-15"),
        person("DRIVER", &paper("DRIVER_LICENSE", "77АА", "2015-06-10")),
    )
}
